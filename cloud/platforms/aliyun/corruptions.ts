/** Corrupts responses over HTTPS and MQTT. */

import { randomBytes } from "node:crypto";
import type { Corruptions } from "../platform.js";

interface Registered {
	deviceName: string;
	deviceSecret?: string;
	deviceToken?: string;
}

export const corruptions: Corruptions = {
	"wrong-secret": change((registered) => {
		const name = registered.deviceToken === undefined ? "deviceSecret" : "deviceToken";
		registered[name] = randomBytes(16).toString("hex");
	}),
	"wrong-device": change((registered) => {
		registered.deviceName = `not-${registered.deviceName}`.slice(0, 32);
	}),
};

function change(corrupt: (registered: Registered) => void): (response: string) => string {
	return (response) => {
		const body = JSON.parse(response);
		corrupt(body.data ?? body);
		return JSON.stringify(body);
	};
}
