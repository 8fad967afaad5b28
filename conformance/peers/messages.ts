import { randomBytes } from "node:crypto";
import { parseCertificates } from "@dynreg/node/internal/certificate-file";

/** Records and messages of TLS 1.2 (RFC 5246, sections 6.2.1 and 7.4), for servers that are none. */
export const type = { alert: 21, handshake: 22, applicationData: 23 };
export const message = {
	serverHello: 2,
	certificate: 11,
	serverKeyExchange: 12,
	serverHelloDone: 14,
	finished: 20,
};

export function record(kind: number, contents: Buffer): Buffer {
	return Buffer.concat([Buffer.of(kind, 3, 3, contents.length >> 8, contents.length & 0xff), contents]);
}

export function handshake(kind: number, body: Buffer): Buffer {
	return record(type.handshake, Buffer.concat([Buffer.of(kind), length24(body.length), body]));
}

/** TLS 1.2, ECDHE-RSA-AES128-GCM-SHA256. */
export function serverHello(sessionId: Uint8Array = new Uint8Array(0)): Buffer {
	return Buffer.concat([
		Buffer.of(3, 3),
		randomBytes(32),
		Buffer.of(sessionId.length),
		sessionId,
		Buffer.of(0xc0, 0x2f, 0),
	]);
}

export function certificates(chain: string): Buffer {
	const list = Buffer.concat(parseCertificates(Buffer.from(chain)).flatMap(({ raw }) => [length24(raw.length), raw]));
	return Buffer.concat([length24(list.length), list]);
}

function length24(length: number): Buffer {
	return Buffer.of(length >> 16, (length >> 8) & 0xff, length & 0xff);
}
