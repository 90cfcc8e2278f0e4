"use strict";
require("./launch.js")("main");
