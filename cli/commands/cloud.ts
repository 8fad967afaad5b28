import { defineCommand } from "../command-line/command.js";
import { flag, number, type Option, text, type Values } from "../command-line/option.js";

function port(what: string): Option<number> {
	return number("N", 0, 65_535, what, { default: 0, shown: "any free port" });
}

const options = {
	"port-http": port("registration over HTTP"),
	"port-https": port("registration over HTTPS"),
	"port-mqtt": port("MQTT broker over TCP"),
	"port-mqtts": port("MQTT broker over TLS"),
	"port-mutual": port("MQTT broker over TLS that requires a client certificate"),
	"port-sntp": port("time over SNTP (UDP)"),
	"port-admin": port("administration over HTTP, always on 127.0.0.1"),
	host: text("ADDRESS", "IPv4 address to listen on, 0.0.0.0 for all", { otherwise: "127.0.0.1" }),
	state: text("FILE", "keep products, devices and the certificate authorities, with their secrets, in this file", {
		otherwise: "they end with the process",
	}),
	faults: text("FILE", "faults from the start: JSON as for PUT /faults"),
	"ignore-timestamps": flag("accept requests whose timestamp is far off, to replay recorded ones"),
	json: flag("print one JSON object a line: first the addresses, then each request"),
};

export type CloudOptions = Values<typeof options>;

export const command = defineCommand({
	options,
	notes: [
		"The administration creates products and devices; for a start, a product of Tencent Cloud, and one of Alibaba Cloud with a device:",
		`  curl -X PUT $ADMIN/products/tencent/PRODUCT0ID \\
    -d '{"secret":"at-least-16-characters","registration":"automatic","limit":10}'
  curl -X PUT $ADMIN/products/aliyun/productKey1 -d '{"secret":"at-least-8-characters"}'
  curl -X PUT $ADMIN/products/aliyun/productKey1/devices/board-1`,
		"docs/local-cloud.md has the rest.",
	],
	async run(values) {
		const { serve } = await import("../cloud/serve.js");
		return serve(values);
	},
});
