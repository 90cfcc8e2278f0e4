"use strict";
require("./launch.js")("post");
