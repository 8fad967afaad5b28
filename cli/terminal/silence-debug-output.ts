/**
 * Debug output of Node and of dependencies contains passwords, tokens and whole packets, so it is switched off. This is the
 * first import of the command, since dependencies read these variables when they are loaded.
 */

const nodeDebug = process.env.NODE_DEBUG;
// Also for the programs that a command starts.
for (const name of ["DEBUG", "NODE_DEBUG", "NODE_DEBUG_NATIVE"]) delete process.env[name];

// Node has read its own variable before. Each of its messages is one write: "TLS 1234: …".
if (nodeDebug) {
	const { stderr } = process;
	const write = stderr.write.bind(stderr) as (...parameters: unknown[]) => boolean;
	const debugMessage = new RegExp(`^\\S+ (?:\\x1b\\[\\d+m)?${process.pid}(?:\\x1b\\[\\d+m)?: `);
	stderr.write = (...parameters: unknown[]): boolean => {
		const [text] = parameters;
		return (typeof text === "string" && debugMessage.test(text)) || write(...parameters);
	};
}
