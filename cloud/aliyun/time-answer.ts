/**
 * What the time service answers, in JSON: when the request left the board by its own clock, when
 * it arrived and when the answer left. All are milliseconds as text.
 *
 * @returns undefined if it was not asked properly
 */
export function timeAnswer(payload: Buffer, now: number): string | undefined {
	const sent = deviceSendTime(payload);
	if (sent === undefined) return undefined;
	return JSON.stringify({ deviceSendTime: sent, serverRecvTime: String(now), serverSendTime: String(now) });
}

function deviceSendTime(payload: Buffer): string | undefined {
	try {
		const request = JSON.parse(payload.toString("utf8")) as { deviceSendTime?: unknown } | null;
		const sent = request?.deviceSendTime;
		return typeof sent === "string" || typeof sent === "number" ? String(sent) : undefined;
	} catch {
		return undefined;
	}
}
