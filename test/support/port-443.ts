import { createServer } from "node:net";

/** Of this process alone: several listen on port 443 at once. */
export const hostOfPort443 = `127.1.${(process.pid >> 8) & 255}.${(process.pid % 254) + 1}`;

/** Why no server can listen on port 443 here; undefined if one can. Linux has all of 127.0.0.0/8, and keeps the port for root. */
export const port443MissingReason = await new Promise<string | undefined>((resolve) => {
	const server = createServer();
	server.once("error", ({ message }) => resolve(`port 443: ${message}`));
	server.listen(443, hostOfPort443, () => server.close(() => resolve(undefined)));
});
