/** SDK modules/crypt/arith/ecp.js; not in the SDK's typings. */
declare module "ecp" {
	export default class ECPoint {
		/** @param bytes an uncompressed point @throws Error on another */
		static fromOctetString(bytes: Uint8Array): ECPoint;
		readonly X: bigint;
	}
}
