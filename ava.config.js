export default {
	files: ["test/build/**/*.test.js"],
	// Knows every secret, and what is printed: a leak fails the file.
	require: ["./test/build/secrets/watch.js"],
	timeout: "3m",
	workerThreads: false,
};
