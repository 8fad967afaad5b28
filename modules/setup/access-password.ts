/** The password of a board's own access point, where no partition holds one. */

import { configurationError } from "../configuration/readers.js";
import type { Crypto } from "../contracts/host.js";
import { Secret } from "../core/secret.js";

/**
 * 12 characters, 60 bits of HMAC-SHA256(set-up secret, MAC address): enough against offline guessing of a recorded WPA2
 * handshake. A reader of the image has the password of each board, since MAC addresses are sent in plain text.
 *
 * @param setupSecret random, 128 bits at least, for this purpose only
 * @param mac "a4:d1:8c:db:c0:20", in either case
 * @throws Failure `bad-configuration` if the secret is too short
 */
export const accessPassword = (crypto: Crypto, setupSecret: Secret, mac: string): Secret => {
	/** 32 characters, so that five bits choose one evenly; without 0, 1, l and o, which are mistaken for each other in print. */
	const alphabet = "23456789abcdefghijkmnpqrstuvwxyz";
	/** As 16 random bytes in base64, without padding. */
	const minSecretBytes = 22;
	const secret = setupSecret.reveal();
	if (crypto.utf8(secret).length < minSecretBytes) throw configurationError("setupSecret", "invalid");
	// As in the default device name: 12 hexadecimal digits.
	const digest = crypto.hmac("SHA256", secret, mac.split(":").join("").toLowerCase());
	let password = "";
	for (let i = 0; i < 12; i++) password += alphabet[(digest[i] as number) & 31];
	return new Secret(password);
};
