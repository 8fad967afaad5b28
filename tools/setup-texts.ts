/** The texts of the set-up page, one list for each language. `npm run docs` writes them into the firmware's module. */

/** The names are part of the firmware: short, or those of a state, a failure or a mistake. */
export interface SetupTexts {
	/** The document's language (BCP 47). */
	readonly lang: string;
	readonly title: string;
	/** Above the networks that were found. */
	readonly list: string;
	/** Behind the name of an open network. */
	readonly open: string;
	/** Behind the name of a network that the board cannot join. */
	readonly unsupported: string;
	readonly other: string;
	readonly name: string;
	readonly key: string;
	readonly hint: string;
	readonly show: string;
	readonly send: string;
	readonly joining: string;
	readonly done: string;
	readonly "wrong-password": string;
	readonly "not-found": string;
	readonly "no-address": string;
	readonly refused: string;
	readonly "not-stored": string;
	readonly "name-missing": string;
	readonly "name-too-long": string;
	readonly "password-length": string;
	readonly outdated: string;
}

export const english: SetupTexts = {
	lang: "en",
	title: "Connect this device to Wi-Fi",
	list: "Your network",
	open: " (open)",
	unsupported: " (not supported: company network)",
	other: "Another or hidden network",
	name: "Network name",
	key: "Password",
	hint: "Leave it empty for an open network. The device needs Wi-Fi on 2.4 GHz with WPA2.",
	show: "Show password",
	send: "Connect",
	joining:
		"Connecting. This takes up to half a minute. Keep your phone on the device's own Wi-Fi. If this page disappears, join that Wi-Fi again to see the result.",
	done: "Connected. The device now restarts and uses your network. You can close this page.",
	"wrong-password": "The network refused the password. Check upper and lower case, and try again.",
	"not-found": "The network was not found. Check its name and that it uses 2.4 GHz, or move the device closer.",
	"no-address": "The network gave the device no address. Restart the router, then try again.",
	refused: "The network refused the device. Check the router: WPA2, address filter, number of devices.",
	"not-stored": "The device could not save the network. Try again. If this repeats, ask the supplier.",
	"name-missing": "Choose a network, or enter its name.",
	"name-too-long": "This name is too long for a network. Check it and try again.",
	"password-length": "A Wi-Fi password has 8 to 63 characters. Check it and try again.",
	outdated: "This page was outdated. Enter the network again.",
};

export const chinese: SetupTexts = {
	lang: "zh-Hans",
	title: "将设备连接到 Wi-Fi",
	list: "您的网络",
	open: " (开放)",
	unsupported: " (不支持企业网络)",
	other: "其他网络或隐藏网络",
	name: "网络名称",
	key: "密码",
	hint: "开放网络请留空。设备需要 2.4 GHz 和 WPA2 的 Wi-Fi。",
	show: "显示密码",
	send: "连接",
	joining: "正在连接,最多需要半分钟。请让手机保持连接设备自己的 Wi-Fi。如果此页面消失,请重新连接该 Wi-Fi 查看结果。",
	done: "已连接。设备将重新启动并使用您的网络。您可以关闭此页面。",
	"wrong-password": "网络拒绝了密码。请检查大小写,然后重试。",
	"not-found": "找不到该网络。请检查名称和 2.4 GHz 频段,或将设备移近路由器。",
	"no-address": "网络没有给设备分配地址。请重启路由器,然后重试。",
	refused: "网络拒绝了设备。请检查路由器:WPA2、地址过滤、设备数量。",
	"not-stored": "设备无法保存网络。请重试。如果再次出现,请联系供应商。",
	"name-missing": "请选择一个网络,或输入其名称。",
	"name-too-long": "网络名称过长。请检查后重试。",
	"password-length": "Wi-Fi 密码为 8 到 63 个字符。请检查后重试。",
	outdated: "页面已过期。请重新输入网络。",
};
