/** SDK modules/crypt/securesocket/securesocket.js and ssl/session_original.js, with what `handshake.ts` takes hold of. */
declare module "securesocket" {
	import type { Digest } from "crypt";
	import type { EcPublicKey } from "dynreg/tls/keys";
	import type GCM from "gcm";
	import type { RsaPrivateKey, RsaPublicKey } from "rsa";
	import type { Stream } from "socket";

	/** What a session asks about certificates, until the server's Finished has come. */
	export interface CertificateManager {
		/** Whether these certificates, the server's own first, are to be trusted. Of what is the first then, a copy is kept. */
		verify(chain: Uint8Array[]): boolean;
		/** The server's certificate, once trusted, for `getKey`. */
		register(certificate: ArrayBuffer): void;
		/**
		 * The public key that the server's key exchange must be signed with; for the client's own certificate,
		 * which comes as it was found, the private one.
		 */
		getKey(certificate: ArrayBuffer | Uint8Array | undefined): RsaPublicKey | RsaPrivateKey | EcPublicKey;
		/** The client's own certificates, for a server that asks. */
		findPreferredCert(): readonly Uint8Array[];
	}

	/** A record that is being read, as long as it will be, or less than its header. */
	export type PacketBuffer = Uint8Array & {
		/** Available bytes. */
		offset?: number;
	};

	export interface CipherSuite {
		/** Bytes. */
		readonly cipherKeySize: number;
		/** Bytes of the nonce that are the same in each record. */
		readonly saltSize: number;
	}

	/** The keys of one direction, as the SDK's records take them. */
	export interface Cipher {
		readonly enc: GCM;
		/** The fixed part of the nonce. */
		readonly iv: ArrayBuffer;
		/** The part that each record has. */
		nonce: bigint;
	}

	export interface Session {
		certificateManager: CertificateManager;
		/** Set once a party has changed to its keys; null until then. */
		clientCipher: Cipher | null;
		serverCipher: Cipher | null;
		/** A received alert, or one that was sent. */
		readonly alert: object | undefined;
		packetBuffer: PacketBuffer;
		/** Also settings of the ClientHello's extensions. Not needed after the handshake. */
		options?: { tls_ec_point_formats?: Uint8Array };
		/** Hashes of the handshake's messages; messages before their algorithm is known. */
		handshakeDigests: { readonly SHA256: Digest } | undefined;
		handshakeMessages: object | undefined;
		/** The session that the ClientHello offers to resume. */
		clientSessionID: ArrayBuffer | undefined;
		/** From the ServerHello on: an entry of `cipher-suites.ts`. */
		readonly chosenCipher: CipherSuite;
		/** From the ServerHello on, if there is one in it. */
		readonly serverSessionID: ArrayBuffer | undefined;
		/** Not needed any more when the server's Finished comes. */
		clientRandom?: ArrayBuffer;
		serverRandom?: ArrayBuffer;
		dhparams?: object;
		/** Of a session to be resumed, then of this one. Not needed after the handshake. */
		masterSecret?: ArrayBuffer | Uint8Array<ArrayBuffer> | undefined;
		/** The next whole record of TLS, as it came. */
		readPacket(socket: Stream, available: number): ArrayBuffer | undefined;
	}

	export default class SecureSocket implements Stream {
		/** A new TCP connection, or one that is not open yet. */
		constructor(
			options: ({ host: string; port: number } | { sock: Stream }) & {
				secure: {
					/** Name for the server to choose its certificate by. */
					tls_server_name: string;
					tls_application_layer_protocol_negotiation?: string;
					/** 0x303 is TLS 1.2. */
					protocolVersion: number;
					/** Numbers of the curves for the key exchange, the preferred first. */
					tls_elliptic_curves?: readonly number[];
					/** false: no session is resumed. */
					cache: boolean;
					/** An authority to trust beside the SDK's own, DER. */
					certificate?: ArrayBuffer;
				};
			},
		);
		readonly ssl: Session;
		callback: (message: number, value?: number) => void;
		read(): number;
		read(type: ArrayBufferConstructor, limit?: number | string): ArrayBuffer | undefined;
		write(): number;
		write(...data: (string | number | ArrayBuffer | Uint8Array)[]): void;
		close(): void;
	}
}
