"""Runs ministack (sys.argv[1]) until stdin closes, so that it never outlives the test that started it."""

import os
import runpy
import shutil
import sys
import tempfile
import threading

folder = tempfile.mkdtemp()
os.chdir(folder)
os.environ.update(TMPDIR=folder, HOME=folder)
tempfile.tempdir = None


def end_with_the_test():
    sys.stdin.buffer.read()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


threading.Thread(target=end_with_the_test, daemon=True).start()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
