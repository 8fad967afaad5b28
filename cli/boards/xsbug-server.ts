import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/**
 * The other end of XS's debugging protocol, as far as a board's trace, meters and console need it:
 * XML elements over TCP, from the machine `login`, `log`, `break`, `instruments`, `samples`
 * and more, to it `go` (SDK tools/xsbug-log) and `script`.
 */
export interface XsbugServer {
	readonly port: number;
	/** Types a line into the consoles of the machines that are connected. */
	send(line: string): void;
	close(): void;
}

export interface XsbugListener {
	/** One line of the trace. */
	onLine(line: string): void;
	/** The machine's meters, once a second, by name: "Slot used", "Chunk used", in bytes. */
	onMeters?(meters: ReadonlyMap<string, number>): void;
	/** The machine has stopped at an uncaught exception, or at its end. */
	onBreak?(text: string): void;
	/** The machine is gone. */
	onClose(): void;
}

/**
 * @param port default: one that is free
 * @throws Error when the port is taken
 */
export async function startXsbugServer(events: XsbugListener, port = 0): Promise<XsbugServer> {
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {});
		socket.once("close", () => {
			sockets.delete(socket);
			events.onClose();
		});
		converse(socket, events);
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	return {
		port: (server.address() as AddressInfo).port,
		send(line) {
			// A machine without a console would take it for nothing, and wait for more: `go` ends that. It must not come
			// in one piece with the script, which would be forgotten over it.
			for (const socket of sockets) {
				socket.write(script(line));
				setTimeout(() => socket.writable && socket.write(go), apart);
			}
		},
		close: () => close(server, sockets),
	};
}

/** Milliseconds between two elements that must be received one by one. */
const apart = 200;
const go = "\r\n<go/>\r\n";

/** The path is for the debugger's own use of it. What would end the element cannot be in a command. */
function script(line: string): string {
	return `\r\n<script path="console" line="0"><![CDATA[${line.replaceAll("]", "")}]]></script>\r\n`;
}

function close(server: Server, sockets: Set<Socket>): void {
	server.close();
	for (const socket of sockets) socket.destroy();
}

function converse(socket: Socket, events: XsbugListener): void {
	let text = "";
	let line = "";
	let names: string[] = [];
	socket.setEncoding("utf8");
	socket.on("data", (data: string) => {
		text += data;
		for (let end = text.indexOf(closing); end >= 0; end = text.indexOf(closing)) {
			onElement(text.slice(0, end));
			text = text.slice(end + closing.length);
		}
	});

	function onElement(element: string): void {
		if (element.includes("<login ")) socket.write(go);
		else if (element.includes("<break ")) {
			events.onBreak?.(contents(element, "break"));
			socket.write(go);
		} else if (element.includes("<instruments>")) {
			names = Array.from(element.matchAll(/<instrument name="([^"]*)"/g), ([, name = ""]) => name);
		} else if (element.includes("<samples>")) {
			const values = contents(element, "samples").split(",").map(Number);
			events.onMeters?.(new Map(names.map((name, index) => [name, values[index] ?? 0])));
		}
		if (!element.includes("<log")) return;
		const lines = (line + contents(element, "log")).split("\n");
		line = lines.pop() ?? "";
		for (const whole of lines) if (whole !== thrownNote) events.onLine(whole);
	}
}

/** The engine logs this for each `throw`, even where the program catches the exception (SDK xs/sources/xsDebug.c). */
const thrownNote = "# Exception: throw!";

const closing = "</xsbug>";

/** The contents of all elements of this name. */
function contents(text: string, name: string): string {
	const elements = text.matchAll(new RegExp(`<${name}(?: [^>]*)?>([^<]*)</${name}>`, "g"));
	return Array.from(elements, ([, content = ""]) => plainText(content)).join("");
}

const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function plainText(text: string): string {
	return text.replace(/&(?:#(\d+)|(\w+));/g, (all, code?: string, name = "") =>
		code === undefined ? (entities[name] ?? all) : String.fromCodePoint(Number(code)),
	);
}
