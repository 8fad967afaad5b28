/** Corrupts the response that assigns a hub. */

import type { Corruptions } from "../platform.js";

interface Assigned {
	registrationState?: { registrationId: string };
}

export const corruptions: Corruptions = {
	"wrong-device": (response) => {
		const body = JSON.parse(response) as Assigned;
		if (body.registrationState) body.registrationState.registrationId = "another-device";
		return JSON.stringify(body);
	},
};
