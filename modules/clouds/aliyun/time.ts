import type { Moment, TimeService } from "../../contracts/cloud.js";
import { parseJson } from "../../core/json.js";

/**
 * The platform's own clock. All numbers are text, in milliseconds.
 * Source: vendor documentation, "NTP service".
 */
export const time = (device: string, { now = 0 }: Moment): TimeService => {
	const asked = String(now);
	return {
		topic: `/ext/ntp/${device}/request`,
		request: JSON.stringify({ deviceSendTime: asked }),
		answerTopic: `/ext/ntp/${device}/response`,
		accept(payload) {
			try {
				const { deviceSendTime, serverRecvTime, serverSendTime } = parseJson(payload) as Readonly<
					Record<string, unknown>
				>;
				const received = Number(serverRecvTime);
				const sent = Number(serverSendTime);
				// Boards of one name hear each other's answers.
				return String(deviceSendTime) === asked && received > 0 && sent >= received ? { received, sent } : undefined;
			} catch {
				return undefined;
			}
		},
	};
};
