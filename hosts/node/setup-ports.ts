import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { Milliseconds } from "dynreg/contracts/host";
import type { Connection, ConnectionEvents, Datagrams, Server, SetupPorts } from "dynreg/contracts/setup";
import { type MadeUpNetwork, madeUpJoiner } from "dynreg/setup/made-up-networks";
import type { TimeSource } from "./time-source.js";

export interface SetupPortsOptions {
	readonly networks: readonly MadeUpNetwork[];
	readonly time: TimeSource;
	/** Abort it to cut the power: connections and ports are closed. */
	readonly power: AbortSignal;
	/** Called when the board restarts. Default: the firmware continues. */
	readonly restart?: () => void | Promise<void>;
	/** Listens here only. Default: 127.0.0.1. */
	readonly address?: string;
}

/** Milliseconds of board time that a made-up scan and a made-up association take. */
const scanMs = 2_000;
const joinMs = 3_000;

/** The ports of set-up mode over Node: real connections and datagrams, made-up networks and access point. */
export function createSetupPorts(options: SetupPortsOptions): SetupPorts {
	const { networks, time, power, restart, address = "127.0.0.1" } = options;
	const after = (duration: Milliseconds) => new Promise<void>((resolve) => time.after(duration, resolve));
	return {
		accessPoint: { async open() {}, close() {}, guests: () => 0 },
		joiner: madeUpJoiner(
			networks,
			() => after(scanMs),
			() => after(joinMs),
		),
		server: createTcpServer(address, power),
		datagrams: createDatagrams(address, power),
		restart: async () => restart?.(),
	};
}

function createTcpServer(address: string, power: AbortSignal): Server {
	return {
		listen: (port, accept) =>
			new Promise((resolve, reject) => {
				const sockets = new Set<Socket>();
				const server = createServer((socket) => {
					sockets.add(socket);
					let events: ConnectionEvents | undefined;
					let isClosed = false;
					socket.on("close", () => {
						sockets.delete(socket);
						if (!isClosed) events?.closed();
						isClosed = true;
					});
					socket.on("error", () => {});
					socket.on("data", (bytes) => {
						if (!isClosed) events?.received(bytes);
					});
					const connection: Connection = {
						write: (bytes) =>
							new Promise((written, failed) => {
								socket.write(bytes, (error) => (error ? failed(error) : written()));
							}),
						close() {
							isClosed = true;
							// Not at once: what was written must arrive.
							socket.destroySoon();
						},
					};
					events = accept(connection);
				});
				server.once("error", reject);
				const close = () => {
					server.close();
					for (const socket of sockets) socket.destroySoon();
				};
				power.addEventListener("abort", close);
				server.listen(port, address, () => resolve({ close }));
			}),
	};
}

function createDatagrams(address: string, power: AbortSignal): Datagrams {
	return {
		listen: (port, respond) =>
			new Promise((resolve, reject) => {
				const socket = createSocket("udp4");
				socket.once("error", reject);
				socket.on("message", (bytes, from) => {
					const response = respond(bytes);
					if (response) socket.send(response, from.port, from.address);
				});
				let isOpen = true;
				const close = () => {
					if (isOpen) socket.close();
					isOpen = false;
				};
				power.addEventListener("abort", close);
				socket.bind(port, address, () => resolve({ close }));
			}),
	};
}
