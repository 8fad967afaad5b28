import { createHttp } from "@dynreg/node/internal/http";
import { ask } from "@dynreg/node/internal/time-server";
import type { Device, RawConfiguration } from "dynreg/contracts/cloud";
import type { Clock, Milliseconds } from "dynreg/contracts/host";
import { Failure } from "dynreg/core/errors";
import { sentence } from "dynreg/messages/sentence";
import { timeServers } from "dynreg/time/sntp";
import { type Check, missing, ok, purposes, warning } from "./check.js";

const shared = { id: "clock", title: "Clock", for: purposes } as const;
const mend = "set this computer's date: sudo timedatectl set-ntp true";

/** Whether this computer's clock may be right: no clock is that reads less than the day this was built on. */
export function clock(host: Clock): Check {
	const now = host.now();
	return {
		...shared,
		...(now === undefined
			? missing(`it reads ${date(Date.now())}, which is before this program was built`, mend)
			: ok(date(now))),
	};
}

/** Those that a board asks of itself (`hosts/moddable/device/clock.ts`). */
export const publicServers = ["ntp.tencent.com", "ntp.aliyun.com", "time.google.com"];
/** How far off a clock may be before a platform refuses what is signed with its time. */
const tolerance: Milliseconds = 300_000;
const patience: Milliseconds = 3000;

/**
 * What time servers say of it, else the web server that boards register at.
 *
 * @param certs folders of private roots
 * @param others time servers behind those of the configuration
 */
export async function clockOnline(
	host: Clock,
	configuration: RawConfiguration | undefined,
	device: Device | undefined,
	certs: readonly string[],
	others: readonly string[] = publicServers,
): Promise<Check> {
	const here = clock(host);
	const online = { ...shared, id: "online-clock", title: "Clock, online" } as const;
	let servers: ReturnType<typeof timeServers>;
	try {
		servers = [...timeServers(configuration?.sntp), ...(others.length > 0 ? timeServers(others) : [])];
	} catch (error) {
		if (!(error instanceof Failure)) throw error;
		return { ...online, ...missing(sentence(error), "correct sntp in the configuration") };
	}
	const never = new AbortController().signal;
	for (const server of servers) {
		const time = await ask(server, patience, never);
		if (time !== undefined) return { ...online, ...compared(time, `${server.host}:${server.port}`) };
	}
	const names = servers.map(({ host }) => host).join(", ");
	const isWeb = device?.identity.startsWith("tencent/") || configuration?.via === "https";
	const time = device && isWeb ? await webTime(device, host, certs) : undefined;
	if (time) return { ...online, ...compared(time.now, `${time.from}; no time server answers (${names})`) };
	return {
		...online,
		...warning(
			`no time server answers (${names}), and boards have no other clock at power-up; here it is ${here.detail}`,
			"open UDP port 123, or name a time server of this network in sntp, or a web server in dateFrom",
		),
	};
}

function compared(time: Milliseconds, from: string) {
	const off = Date.now() - time;
	const seconds = Math.round(Math.abs(off) / 1000);
	const detail = `${seconds === 0 ? "right" : `${seconds} s ${off > 0 ? "ahead" : "behind"}`}, says ${from}`;
	return Math.abs(off) > tolerance ? missing(detail, mend) : ok(detail);
}

/** `Date` of the registration server, over TLS. Asked for a page that is not there: nothing is registered. */
async function webTime({ endpoints: { register } }: Device, host: Clock, certs: readonly string[]) {
	if (!register.secure) return undefined;
	try {
		const http = createHttp(new AbortController().signal, certs, host);
		const request = {
			endpoint: register,
			method: "GET",
			path: "/",
			headers: [],
			body: "",
			maxReplyBytes: 65_536,
		} as const;
		const { date } = await http.request(request, patience);
		const now = Date.parse(date ?? "");
		return Number.isNaN(now) ? undefined : { now, from: register.host };
	} catch {
		return undefined;
	}
}

function date(time: Milliseconds): string {
	return new Date(time).toISOString().replace(/\.\d+Z/, "Z");
}
