module.exports = { ...require('cdktn'), synthesizer: require('cdktn/lib/synthesize/synthesizer') };
