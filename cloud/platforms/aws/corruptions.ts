import { generateKeyPairSync } from "node:crypto";
import type { Corruptions } from "../platform.js";

export const corruptions: Corruptions = {
	"wrong-secret": (response) => {
		const body = JSON.parse(response);
		if (body.privateKey !== undefined) body.privateKey = otherKey();
		return JSON.stringify(body);
	},
};

/** PEM, as the platform issues it. */
function otherKey(): string {
	const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
	return privateKey.export({ type: "pkcs1", format: "pem" }).toString();
}
