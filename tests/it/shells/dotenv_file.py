"""Reads each file with python-dotenv and prints its variables."""

import os
import sys

import dotenv

for path in sys.argv[1:]:
    for name, value in dotenv.dotenv_values(path).items():
        os.write(1, f"{name}={value}\0".encode())
    os.write(1, b"END\0")
