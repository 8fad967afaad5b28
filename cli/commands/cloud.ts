import { defineCommand } from "../command-line/command.js";
import {
	flagOption,
	numberOption,
	type Option,
	renamedOption,
	textOption,
	type Values,
} from "../command-line/option.js";
import { UsageError } from "../command-line/usage-error.js";
import { useTemporaryFolder } from "../state/temporary-folder.js";

function port(what: string): Option<number> {
	return numberOption("N", 0, 65_535, what, { default: 0, shown: "any free port" });
}

const options = {
	"port-http": port("registration over HTTP"),
	"port-https": port("registration over HTTPS"),
	"port-mqtt": port("MQTT broker over TCP"),
	"port-mqtts": port("MQTT broker over TLS"),
	"port-mtls": renamedOption("port-mutual", port("MQTT broker over TLS that requires a client certificate")),
	"port-sntp": port("time over SNTP (UDP)"),
	"port-admin": port("administration over HTTP, always on 127.0.0.1"),
	host: textOption("ADDRESS", "IPv4 address to listen on, 0.0.0.0 for all", { otherwise: "127.0.0.1" }),
	state: textOption(
		"FILE",
		"keep products, devices and the certificate authorities, with their secrets, in this file",
		{
			otherwise: "lost when the process ends",
		},
	),
	faults: textOption("FILE", "fault rules for the start, JSON as for PUT /faults"),
	"ignore-timestamps": flagOption("accept any timestamp, to replay recorded requests"),
	open: flagOption("open the console in the browser"),
	json: flagOption("print one JSON object a line: first the addresses, then each request"),
};

export type CloudOptions = Values<typeof options>;

/** SNTP is over UDP, and has ports of its own. */
const tcpPorts = ["port-http", "port-https", "port-mqtt", "port-mqtts", "port-mtls", "port-admin"] as const;

function refuseSamePorts(values: CloudOptions): void {
	for (const [index, name] of tcpPorts.entries()) {
		const other = tcpPorts.slice(0, index).find((each) => values[each] !== 0 && values[each] === values[name]);
		if (other !== undefined)
			throw new UsageError(`--${other} and --${name} have the same port, ${values[name]}. Choose different ports.`);
	}
}

export const command = defineCommand({
	options,
	notes: [
		"The console is a web page at the address of the administration: products, devices, faults, and what boards do, live.",
		"The administration creates products and devices. For example, a product of Tencent Cloud, and a product of Alibaba Cloud with a device:",
		`  curl -X PUT $ADMIN/products/tencent/PRODUCT0ID \\
    -d '{"secret":"at-least-16-characters","registration":"automatic","limit":10}'
  curl -X PUT $ADMIN/products/aliyun/productKey1 -d '{"secret":"at-least-8-characters"}'
  curl -X PUT $ADMIN/products/aliyun/productKey1/devices/board-1`,
		"docs/guides/local-cloud.md lists all operations.",
	],
	validate: refuseSamePorts,
	async run(values) {
		useTemporaryFolder();
		const { serve } = await import("../cloud/serve.js");
		return serve(values);
	},
});
