/**
 * A process that uses a secret, and prints it or does not: `node --import watch.js planted.js HOW`. For
 * `watch.test.ts` only.
 */

import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { startCloud } from "@dynreg/cloud";
import { Failure } from "dynreg/core/errors";
import { Secret } from "dynreg/core/secret";

const text = "a-planted/secret+of the test";
const secret = () => new Secret(text).reveal();

const ways: Readonly<Record<string, () => unknown>> = {
	"says nothing": () => console.log(`${new Secret(text)} ${secret().length}`),
	"as it is": () => console.log(`here: ${secret()}`),
	"on the standard error": () => console.error(secret()),
	hexadecimal: () => console.log(Buffer.from(secret()).toString("hex")),
	base64: () => console.log(Buffer.from(`user:${secret()}!`).toString("base64")),
	"percent-encoded": () => console.log(encodeURIComponent(secret())),
	"in a failure": () => new Failure("session", "timeout", "retry", { said: `it was ${secret()}` }),
	"as a failure's cause": () => new Failure("session", "timeout", "retry", { said: "it was" }, new Error(secret())),
	"in a process below": () => below("as it is"),
	"two processes below": () => below("in a process below"),
	"that only a process below knows": () => {
		below("says nothing");
		console.log(text);
	},
	"a line of a private key": () => {
		const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
		console.log(privateKey.export({ type: "pkcs8", format: "pem" }).toString().split("\n")[3]);
	},
	"replaced on the way": async () => {
		const cloud = await startCloud();
		const { administration } = cloud;
		administration.putProduct("aliyun", "planted0001", { secret: "a-secret-of-a-product" });
		administration.putDevice("aliyun", "planted0001", "board-1", "the-first-secret-of-it");
		await register(cloud.urls.http);
		administration.putDevice("aliyun", "planted0001", "board-1", "the-second-secret-of-it");
		await register(cloud.urls.http);
		await cloud.close();
		console.log("the-first-secret-of-it");
	},
};

function below(how: string): void {
	const program = process.argv[1] as string;
	const child = spawn(process.execPath, [program, how], { stdio: ["ignore", "pipe", "inherit"] });
	child.stdout?.resume();
}

async function register(url: string): Promise<void> {
	const { form, post } = await import("../cloud/aliyun-device.js");
	const names = { productKey: "planted0001", deviceName: "board-1" };
	await post(url, form(names, "a-secret-of-a-product"));
}

await ways[process.argv[2] ?? ""]?.();
