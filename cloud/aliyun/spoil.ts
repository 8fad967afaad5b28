/** Answers that are wrong inside, over HTTPS and MQTT. */

import { randomBytes } from "node:crypto";
import type { Spoils } from "../platform.js";

interface Answered {
	deviceName: string;
	deviceSecret?: string;
	deviceToken?: string;
}

export const spoils: Spoils = {
	"wrong-secret": change((answered) => {
		const name = answered.deviceToken === undefined ? "deviceSecret" : "deviceToken";
		answered[name] = randomBytes(16).toString("hex");
	}),
	"wrong-device": change((answered) => {
		answered.deviceName = `not-${answered.deviceName}`.slice(0, 32);
	}),
};

function change(spoil: (answered: Answered) => void): (answer: string) => string {
	return (answer) => {
		const body = JSON.parse(answer);
		spoil(body.data ?? body);
		return JSON.stringify(body);
	};
}
