import { connect, createServer, type Server, type Socket } from "node:net";

/** Types of TLS records, and the one message without contents (RFC 5246, sections 6.2.1 and 7.4.1.1). */
const type = { changeCipherSpec: 20, alert: 21, handshake: 22 };
const helloRequest = Buffer.alloc(4);
/** unrecognized_name, as a warning (RFC 6066, section 3). */
const warning = Buffer.from([1, 112]);

/**
 * Stands in front of a TLS server, and says the same in other records, all of them legal: a warning and a HelloRequest
 * first, then each handshake message in pieces, up to ChangeCipherSpec.
 *
 * @param port of the server, on the same address
 * @param size bytes of a piece
 */
export function splitRecords(address: string, port: number, size: number): Server {
	return createServer((client) => {
		const server = connect(port, address);
		const split = new Splitter(client, size);
		server.on("data", (bytes) => split.write(bytes));
		client.pipe(server);
		for (const [one, other] of [
			[client, server],
			[server, client],
		] as const) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.end());
		}
	});
}

class Splitter {
	readonly #client: Socket;
	readonly #size: number;
	#pending = Buffer.alloc(0);
	#started = false;
	#encrypted = false;

	constructor(client: Socket, size: number) {
		this.#client = client;
		this.#size = size;
	}

	write(bytes: Buffer): void {
		this.#pending = Buffer.concat([this.#pending, bytes]);
		while (!this.#encrypted && this.#pending.length >= 5) {
			const end = 5 + this.#pending.readUInt16BE(3);
			if (this.#pending.length < end) return;
			this.#record(this.#pending.subarray(0, end));
			this.#pending = this.#pending.subarray(end);
		}
		if (!this.#encrypted) return;
		this.#client.write(this.#pending);
		this.#pending = Buffer.alloc(0);
	}

	#record(record: Buffer): void {
		this.#encrypted = record[0] === type.changeCipherSpec;
		if (record[0] !== type.handshake) {
			this.#client.write(record);
			return;
		}
		if (!this.#started) {
			this.#send(type.alert, warning);
			this.#send(type.handshake, helloRequest);
		}
		this.#started = true;
		for (let start = 5; start < record.length; start += this.#size)
			this.#send(type.handshake, record.subarray(start, start + this.#size));
	}

	#send(recordType: number, fragment: Buffer): void {
		const header = Buffer.from([recordType, 3, 3, fragment.length >> 8, fragment.length & 0xff]);
		this.#client.write(Buffer.concat([header, fragment]));
	}
}
