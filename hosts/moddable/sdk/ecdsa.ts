import { bigInt, type EcPublicKey } from "dynreg/tls/keys";
import { unsigned } from "dynreg/x509/certificate";
import { DerReader } from "dynreg/x509/der";
import Mont from "mont";

/**
 * ECDSA verification (FIPS 186-5, section 6.4.2). Replaces the SDK's (modules/crypt/etc/ecdsa.js), which accepts zeros as a
 * signature of anything and does not truncate a digest longer than the order.
 */
export default class ECDSA {
	private readonly pub: EcPublicKey["pub"];
	private readonly curve: EcPublicKey["curve"];

	constructor(pub: EcPublicKey["pub"], curve: EcPublicKey["curve"]) {
		this.pub = pub;
		this.curve = curve;
	}

	/**
	 * @param signature DER
	 * @throws RangeError on other bytes than those of two positive numbers
	 */
	verify(digest: ArrayBuffer, signature: ArrayBuffer | Uint8Array): boolean {
		const { pub, curve } = this;
		const { n, G, ec, orderSize } = curve;
		const outer = new DerReader(new Uint8Array(signature));
		const numbers = new DerReader(outer.next(0x30));
		const r = bigInt(unsigned(numbers));
		const s = bigInt(unsigned(numbers));
		numbers.end();
		outer.end();
		if (!(r > 0n && r < n && s > 0n && s < n)) return false;
		const mont = new Mont({ m: n });
		const inverse = mont.mulinv(s);
		// Truncate a digest longer than the order.
		const hash = bigInt(digest.slice(0, orderSize)) % n;
		return ec.mul2(G, mont.mul(hash, inverse), pub, mont.mul(r, inverse)).X % n === r;
	}
}
