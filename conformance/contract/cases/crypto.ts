import type { Bytes, Hash } from "dynreg/contracts/host";
import type { ContractCase } from "./case.js";
import { deepFreeze } from "./deep-freeze.js";
import { expectEqual, expectThrow, expectTrue } from "./expect.js";

type Vector = readonly [name: string, hash: Hash, key: Bytes, message: Bytes, mac: string];

/** RFC 2202 sections 2 and 3, RFC 4231 section 4. Test cases 6 and 7 have keys longer than a block. */
const macs: readonly Vector[] = deepFreeze([
	["RFC 2202 MD5 1", "MD5", repeat(0x0b, 16), "Hi There", "9294727a3638bb1c13f48ef8158bfc9d"],
	["RFC 2202 MD5 2", "MD5", "Jefe", "what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"],
	["RFC 2202 MD5 3", "MD5", repeat(0xaa, 16), repeat(0xdd, 50), "56be34521d144c88dbb8c733f0e8b3f6"],
	[
		"RFC 2202 MD5 6",
		"MD5",
		repeat(0xaa, 80),
		"Test Using Larger Than Block-Size Key - Hash Key First",
		"6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
	],
	["RFC 2202 SHA1 1", "SHA1", repeat(0x0b, 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"],
	["RFC 2202 SHA1 2", "SHA1", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"],
	["RFC 2202 SHA1 3", "SHA1", repeat(0xaa, 20), repeat(0xdd, 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3"],
	[
		"RFC 2202 SHA1 6",
		"SHA1",
		repeat(0xaa, 80),
		"Test Using Larger Than Block-Size Key - Hash Key First",
		"aa4ae5e15272d00e95705637ce8a3b55ed402112",
	],
	[
		"RFC 4231 SHA256 1",
		"SHA256",
		repeat(0x0b, 20),
		"Hi There",
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	],
	[
		"RFC 4231 SHA256 2",
		"SHA256",
		"Jefe",
		"what do ya want for nothing?",
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	],
	[
		"RFC 4231 SHA256 3",
		"SHA256",
		repeat(0xaa, 20),
		repeat(0xdd, 50),
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
	],
	[
		"RFC 4231 SHA256 6",
		"SHA256",
		repeat(0xaa, 131),
		"Test Using Larger Than Block-Size Key - Hash Key First",
		"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	],
	[
		"RFC 4231 SHA256 7",
		"SHA256",
		repeat(0xaa, 131),
		"This is a test using a larger than block-size key and a larger than block-size data. " +
			"The key needs to be hashed before being used by the HMAC algorithm.",
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
	],
]);

/** RFC 1321 appendix A.5; FIPS 180 examples. */
const digests: readonly (readonly [Hash, string, string])[] = deepFreeze([
	["MD5", "", "d41d8cd98f00b204e9800998ecf8427e"],
	["MD5", "abc", "900150983cd24fb0d6963f7d28e17f72"],
	["SHA1", "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"],
	["SHA1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"],
	["SHA256", "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
	["SHA256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
]);

/** NIST SP 800-38A section F.2.2, CBC-AES128.Decrypt. */
const aes = deepFreeze({
	key: "2b7e151628aed2a6abf7158809cf4f3c",
	iv: "000102030405060708090a0b0c0d0e0f",
	cipher:
		"7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2" +
		"73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
	plain:
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" +
		"30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
});

/** One code point of each UTF-8 length, and NUL, which XS keeps in two bytes inside. */
const texts: readonly (readonly [string, string])[] = deepFreeze([
	["", ""],
	["plain", "706c61696e"],
	["a\0b", "610062"],
	["ü", "c3bc"],
	["设备", "e8aebee5a487"],
	["😀", "f09f9880"],
	["\uFEFFa", "efbbbf61"],
]);

/** RFC 3629 section 3 and section 10. */
const malformed: readonly (readonly [string, readonly number[]])[] = deepFreeze([
	["a byte that is never used", [0xff]],
	["a lone continuation byte", [0x61, 0x80]],
	["a sequence cut short", [0xe8, 0xae]],
	["an overlong slash", [0xc0, 0xaf]],
	["an overlong NUL", [0xc0, 0x80]],
	["half of a surrogate pair", [0xed, 0xa0, 0x80]],
	["a code point above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
]);

/** RFC 4648 section 10, and every value of the alphabet's last two characters. */
const base64: readonly (readonly [string, string])[] = deepFreeze([
	["", ""],
	["66", "Zg=="],
	["666f", "Zm8="],
	["666f6f", "Zm9v"],
	["666f6f62", "Zm9vYg=="],
	["fbefbe", "++++"],
	["ffffff", "////"],
	["00", "AA=="],
]);

const notBase64 = deepFreeze([
	"Zg",
	"Zg=",
	"Zg===",
	"=",
	"====",
	"Z",
	"Zg==Zg==",
	"Zm9v\n",
	" Zm9v",
	"Zm 9",
	"Zm9-",
	"Zm9_",
	"Zh==",
	"Zm9=",
	"Zm8ü",
	"Z===",
]);

export const crypto: readonly ContractCase[] = deepFreeze([
	{
		name: "hmac gives the published results, also for keys longer than a block",
		async run({ crypto }) {
			for (const [name, hash, key, message, mac] of macs)
				expectEqual(crypto.hex(crypto.hmac(hash, key, message)), mac, name);
		},
	},
	{
		name: "hmac takes an empty message, and a string for its UTF-8 bytes",
		async run({ crypto }) {
			expectEqual(
				crypto.hex(crypto.hmac("SHA256", "key", "")),
				"5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0",
				"HMAC-SHA256 of nothing",
			);
			expectEqual(
				crypto.hex(crypto.hmac("SHA1", "ключ", "设备")),
				crypto.hex(crypto.hmac("SHA1", crypto.utf8("ключ"), crypto.utf8("设备"))),
				"HMAC-SHA1 of strings and of their bytes",
			);
		},
	},
	{
		name: "digest gives the published results",
		async run({ crypto }) {
			for (const [hash, message, digest] of digests) {
				expectEqual(crypto.hex(crypto.digest(hash, message)), digest, `${hash} of "${message}"`);
				expectEqual(
					crypto.hex(crypto.digest(hash, crypto.utf8(message))),
					digest,
					`${hash} of the bytes of "${message}"`,
				);
			}
		},
	},
	{
		name: "decrypt gives the published result and leaves the padding",
		async run({ crypto }) {
			const [key, iv] = [bytes(aes.key), bytes(aes.iv)];
			const cipher = bytes(aes.cipher);
			expectEqual(crypto.hex(crypto.decrypt(key, iv, cipher)), aes.plain, "SP 800-38A F.2.2");
			expectEqual(
				crypto.hex(crypto.decrypt(key, iv, cipher.subarray(0, 16))),
				aes.plain.slice(0, 32),
				"its first block",
			);
			expectEqual(crypto.hex(cipher), aes.cipher, "the ciphertext afterwards");
			expectEqual(
				crypto.hex(crypto.decrypt("0123456789abcdef", "0000000000000000", cipher)),
				crypto.hex(crypto.decrypt(crypto.utf8("0123456789abcdef"), crypto.utf8("0000000000000000"), cipher)),
				"key and iv as strings and as bytes",
			);
		},
	},
	{
		name: "crypto takes a view into a larger buffer for what it shows",
		async run({ crypto }) {
			const view = bytes(`ff${hexOf("abc")}ff`).subarray(1, 4);
			expectEqual(
				crypto.hex(crypto.digest("SHA1", view)),
				"a9993e364706816aba3e25717850c26c9cd0d89d",
				"SHA1 of a view",
			);
			expectEqual(crypto.hex(view), "616263", "hex of a view");
			expectEqual(crypto.base64(view), "YWJj", "base64 of a view");
			expectEqual(crypto.text(view), "abc", "text of a view");
		},
	},
	{
		name: "utf8 and text are each other's inverse, NUL and byte order mark included",
		async run({ crypto }) {
			for (const [text, hex] of texts) {
				expectEqual(crypto.hex(crypto.utf8(text)), hex, `bytes of ${JSON.stringify(text)}`);
				expectEqual(crypto.text(bytes(hex)), text, `text of ${hex}`);
			}
		},
	},
	{
		name: "text refuses malformed UTF-8",
		async run({ crypto }) {
			for (const [what, wrong] of malformed) expectThrow(() => crypto.text(Uint8Array.from(wrong)), what);
		},
	},
	{
		name: "hex is lower case, two digits a byte",
		async run({ crypto }) {
			expectEqual(crypto.hex(Uint8Array.from([0x00, 0x09, 0xab, 0xff])), "0009abff", "hex");
			expectEqual(crypto.hex(new Uint8Array(0)), "", "hex of nothing");
		},
	},
	{
		name: "base64 is the standard alphabet with padding, both ways",
		async run({ crypto }) {
			for (const [hex, text] of base64) {
				expectEqual(crypto.base64(bytes(hex)), text, `base64 of ${hex}`);
				expectEqual(crypto.hex(crypto.fromBase64(text)), hex, `bytes of ${text}`);
			}
			const all = Uint8Array.from({ length: 256 }, (_, index) => index);
			expectEqual(crypto.hex(crypto.fromBase64(crypto.base64(all))), crypto.hex(all), "every byte, there and back");
		},
	},
	{
		name: "fromBase64 refuses everything else",
		async run({ crypto }) {
			for (const wrong of notBase64) expectThrow(() => crypto.fromBase64(wrong), JSON.stringify(wrong));
		},
	},
	{
		name: "fromPem gives what is in the first block that is a certificate or a private key",
		async run({ crypto }) {
			for (const label of ["CERTIFICATE", "RSA PRIVATE KEY", "PRIVATE KEY"]) {
				const block = (contents: string) => `-----BEGIN ${label}-----${contents}-----END ${label}-----`;
				for (const contents of ["\nAAEC\n//79\n", "\r\nAAEC\r\n//79\r\n", " \n AAEC \n\t//79 \n \n", "AAEC//79"])
					expectEqual(crypto.hex(crypto.fromPem(block(contents))), "000102fffefd", JSON.stringify(contents));
				const other = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
				const around = `The device's:\n${other}${block("\nZm8=\n")}\n\0${block("\nAAAA\n")}\0`;
				expectEqual(crypto.text(crypto.fromPem(around)), "fo", "the first one, with text around it");
			}
		},
	},
	{
		name: "fromPem refuses what has no such block, or one that is not base64",
		async run({ crypto }) {
			const of = (contents: string) => `-----BEGIN CERTIFICATE-----\n${contents}\n-----END CERTIFICATE-----\n`;
			for (const wrong of [
				"",
				"AAEC",
				of(""),
				of("Zg="),
				of("Zm8"),
				of("Zm9-"),
				of("Proc-Type: 4,ENCRYPTED\n\nAAEC"),
				of("!").concat(of("AAEC")),
				"-----BEGIN CERTIFICATE-----\nAAEC\n",
				"-----BEGIN CERTIFICATE-----\nAAEC\n-----END PRIVATE KEY-----\n",
				"-----BEGIN PUBLIC KEY-----\nAAEC\n-----END PUBLIC KEY-----\n",
			])
				expectThrow(() => crypto.fromPem(wrong), JSON.stringify(wrong));
		},
	},
	{
		name: "random gives as many bytes as asked for, other ones each time",
		async run({ crypto, random }) {
			for (const count of [0, 1, 16, 64]) expectEqual(random(count).length, count, "length");
			const first = random(32);
			expectTrue(new Set(first).size > 8, `32 random bytes are not all alike (${crypto.hex(first)})`);
			expectTrue(crypto.hex(first) !== crypto.hex(random(32)), "two calls differ");
		},
	},
]);

function repeat(byte: number, count: number): Uint8Array {
	return new Uint8Array(count).fill(byte);
}

/** Test data only: lower case, even length. */
function bytes(hex: string): Uint8Array {
	return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
		Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
	);
}

function hexOf(ascii: string): string {
	let hex = "";
	for (const character of ascii) hex += character.charCodeAt(0).toString(16);
	return hex;
}
