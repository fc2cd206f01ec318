module.exports = require('./cdktn').synthesizer;
