module.exports = require('./cdktf').synthesizer;
