/** SDK modules/crypt/ssl/ssl_prf.js, the pseudorandom function (RFC 5246, section 5). */
declare module "ssl/prf" {
	import type { Session } from "securesocket";

	export default function PRF(
		session: Session,
		secret: ArrayBuffer | Uint8Array | undefined,
		label: string,
		seed: ArrayBuffer,
		count: number,
	): Uint8Array<ArrayBuffer>;
}
