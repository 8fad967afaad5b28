export default {
	files: ["test/build/**/*.test.js"],
	require: [
		// Knows every secret, and what is printed: a leak fails the file.
		"./test/build/secrets/watch.js",
		"./test/build/support/rsa-keys.js",
	],
	// Without any end of a test. A machine may be busy.
	timeout: "3m",
	workerThreads: false,
};
