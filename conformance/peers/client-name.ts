import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** The common name in the client's certificate, if the server's authority vouches for it; else empty. */
export function clientName(socket: Socket): string {
	if (!(socket instanceof TLSSocket) || !socket.authorized) return "";
	return String(socket.getPeerCertificate().subject?.CN ?? "");
}
