/** SDK modules/io/socket (ECMA-419), UDP. */
declare module "embedded:io/socket/udp" {
	export default class UDP {
		/** @throws Error if the port is in use */
		constructor(options: { port: number; onReadable(this: UDP, count: number): void });
		/** A datagram, with its sender. */
		read(): (ArrayBuffer & { readonly address: string; readonly port: number }) | undefined;
		write(data: ArrayBuffer | Uint8Array, address: string, port: number): void;
		close(): void;
	}
}
