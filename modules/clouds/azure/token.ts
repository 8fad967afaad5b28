import type { Phase } from "../../contracts/error.js";
import type { Crypto, Milliseconds } from "../../contracts/host.js";
import { Failure } from "../../core/errors.js";
import { Secret } from "../../core/secret.js";

/**
 * A shared access signature: the base64 HMAC-SHA256 of the resource and the end of its validity, under the decoded key.
 *
 * Source: vendor documentation, "Control access to IoT Hub with SAS"; Node SDK, azure-iot-common 1.13.1.
 *
 * @param key base64
 * @param resource as it is sent, since the signature covers it to the letter
 * @param policy `&skn=…`, or nothing for a hub
 * @param lifetime seconds
 * @param phase in which it is needed
 * @throws Failure `clock-unknown` while the time is unknown
 */
export const accessToken = (
	crypto: Crypto,
	key: Secret,
	resource: string,
	policy: string,
	now: Milliseconds | undefined,
	lifetime: number,
	phase: Phase,
): Secret => {
	if (now === undefined) throw new Failure(phase, "clock-unknown", "retry");
	const expires = Math.floor(now / 1000) + lifetime;
	const digest = crypto.hmac("SHA256", crypto.fromBase64(key.reveal()), `${resource}\n${expires}`);
	return new Secret(
		`SharedAccessSignature sr=${resource}&sig=${percentEncoded(crypto.base64(digest))}${policy}&se=${expires}`,
	);
};

/** RFC 3986, section 2.1: all but its unreserved characters. @param text printable ASCII */
export const percentEncoded = (text: string): string => {
	let encoded = "";
	for (let i = 0; i < text.length; i++) {
		const character = text[i] as string;
		encoded += isUnreserved(character) ? character : `%${text.charCodeAt(i).toString(16).toUpperCase()}`;
	}
	return encoded;
};

const isUnreserved = (character: string): boolean =>
	(character >= "a" && character <= "z") ||
	(character >= "A" && character <= "Z") ||
	(character >= "0" && character <= "9") ||
	"-._~".includes(character);

/**
 * A device's key: the base64 HMAC-SHA256 of its registration id under the decoded key of its enrollment group.
 *
 * Source: vendor documentation, "Symmetric key attestation", with a vector.
 */
export const derivedKey = (crypto: Crypto, groupKey: Secret, registrationId: string): Secret =>
	new Secret(crypto.base64(crypto.hmac("SHA256", crypto.fromBase64(groupKey.reveal()), registrationId)));
