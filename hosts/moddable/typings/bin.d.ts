/** SDK modules/crypt/bin/bin.js; not in the SDK's typings. */
declare module "bin" {
	const Bin: {
		/** @returns 0 if both are the same */
		comp(one: ArrayBuffer, other: ArrayBuffer): number;
	};
	export default Bin;
}
