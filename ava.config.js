export default {
	files: ["build/test/**/*.test.js"],
	timeout: "3m",
	workerThreads: false,
};
