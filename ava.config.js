export default {
	files: ["build/test/**/*.test.js"],
	// Knows every secret, and what is printed: a leak fails the file.
	require: ["./build/test/secrets/watch.js"],
	timeout: "3m",
	workerThreads: false,
};
