/** SDK modules/crypt/etc/rng.js, the generator that TLS draws from (RC4); not in the SDK's typings. */
declare module "rng" {
	const RNG: {
		get(count: number): ArrayBuffer;
		/** Forgets the state and begins again from this seed, 1 to 256 bytes; without one, from 16 bytes of `c_rand`. */
		init(seed?: ArrayBuffer): void;
	};
	export default RNG;
}
