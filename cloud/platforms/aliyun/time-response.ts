/**
 * The time service's response, in JSON: when the request left the board by the board's clock, when it arrived, and when
 * the response left. All are milliseconds as strings.
 *
 * @returns undefined if the request is malformed
 */
export function timeResponse(payload: Buffer, now: number): string | undefined {
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
