import { Failure } from "dynreg/core/errors";
import type { Endpoint, Host } from "../modules/contracts/host.js";

/** UTC in milliseconds: a time from it on (2100) is wrong. */
export const latest = 4_102_444_800_000;

/**
 * Makes the time known before a certificate is held against it: the board's own clock, else time servers, else,
 * where the configuration allows it, the `Date` of a plain HTTP answer. Like a time server it can be forged
 * by whoever sits in between: then certificates of the wrong time are refused, or old ones pass.
 *
 * @param doubted what the clock says may be wrong
 * @param dateFrom the web server that may be asked
 * @throws Failure `clock-unknown` in phase `clock`
 */
export async function makeTimeKnown({ clock, http }: Host, doubted: boolean, dateFrom: Endpoint | undefined) {
	try {
		await clock.sync(60_000, doubted);
	} catch (error) {
		if (dateFrom === undefined) throw error;
		const request = {
			endpoint: dateFrom,
			method: "GET",
			path: "/",
			headers: [],
			body: "",
			maxReplyBytes: 8192,
		} as const;
		let date: string | undefined;
		try {
			date = (await http.request(request, 10_000)).date;
		} catch (cause) {
			throw Failure.from(cause).during("clock");
		}
		const now = Date.parse(date ?? "");
		if (now > 0 && now < latest) clock.set(now);
		// What is before the build date is not known, whoever says it.
		if (clock.now() === undefined) throw error;
	}
}
