module.exports = { ...require('cdktf'), synthesizer: require('cdktf/lib/synthesize/synthesizer') };
