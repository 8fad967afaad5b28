/** The set-up page. Written by `npm run docs` from `tools/setup-page.ts` and `tools/setup-texts.ts`: do not edit. */

/** The Content-Security-Policy: nothing from elsewhere, and only this style and script. */
export const policy =
	"default-src 'none';style-src 'sha256-rRw6NJIn05ghqtQG7fhgD/+XMj7SA5iTQEcIoRcG5EY=';script-src 'sha256-HARxJ/tVtMX/QmVtf6n4jYCroCHo6D5cKDyZWWHtveU=';connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'";
/** From the title to the end of the style. */
export const style =
	"<style>:root{color-scheme:light dark;font:1.1em/1.5 system-ui,sans-serif}body{max-width:26em;margin:1em auto;padding:0 1em}h1{font-size:1.4em}fieldset{border:0;margin:0;padding:0}legend,.l{font-weight:bold}.n,.l{display:block;padding:.5em 0;overflow-wrap:anywhere}[hidden],#o:not(:checked)~div{display:none}#s,#p,button{box-sizing:border-box;width:100%;padding:.6em;font:inherit}.e{border-left:.4em solid #d33;padding-left:.8em}</style>";
export const script =
	"<script>var d=document,v=d.getElementById('v');if(v){v.parentNode.hidden=false;v.onchange=function(){d.getElementById('p').type=v.checked?'text':'password'}}function f(){var x=new XMLHttpRequest;x.open('GET','/state');x.timeout=4e3;x.onloadend=function(){var t=x.responseText;t&&t!='joining'?location.replace('/'):setTimeout(f,1500)};x.send()}if(d.getElementById('j'))setTimeout(f,2e3)</script>";

/** The page in one language, between what the portal inserts. */
export interface PageParts {
	/** Up to the style. */
	readonly head: string;
	/** Up to the access point's name. */
	readonly title: string;
	/** Up to the first network. */
	readonly form: string;
	/** Behind a network's name. */
	readonly open: string;
	readonly unsupported: string;
	/** Behind the choice of another network, up to its name. */
	readonly other: string;
	/** Behind the other network's name. */
	readonly rest: string;
	readonly joining: string;
	readonly done: string;
	readonly problems: Readonly<Record<string, string>>;
}

export const english: PageParts = Object.freeze({
	head: "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><title>Connect this device to Wi-Fi</title>",
	title: "<main><h1>Connect this device to Wi-Fi</h1><p>",
	form: "<fieldset><legend>Your network</legend>",
	open: " (open)",
	unsupported: " (not supported: company network)",
	other:
		"><label for=o> Another or hidden network</label><div><label class=l for=s>Network name</label><input id=s name=o maxlength=32 autocapitalize=none autocomplete=off autocorrect=off spellcheck=false value=",
	rest: "></div></fieldset><label class=l for=p>Password</label><input id=p name=p type=password maxlength=64 aria-describedby=h autocapitalize=none autocomplete=off autocorrect=off spellcheck=false><label class=n hidden><input id=v type=checkbox> Show password</label><p id=h>Leave it empty for an open network. The device needs Wi-Fi on 2.4 GHz with WPA2.</p><button>Connect</button></form>",
	joining:
		"<p id=j role=status>Connecting. This takes up to half a minute. Keep your phone on the device's own Wi-Fi. If this page disappears, join that Wi-Fi again to see the result.</p>",
	done: "<p role=status>Connected. The device now restarts and uses your network. You can close this page.</p>",
	problems: Object.freeze({
		"wrong-password": "The network refused the password. Check upper and lower case, and try again.",
		"not-found": "The network was not found. Check its name and that it uses 2.4 GHz, or move the device closer.",
		"no-address": "The network gave the device no address. Restart the router, then try again.",
		refused: "The network refused the device. Check the router: WPA2, address filter, number of devices.",
		"not-stored": "The device could not save the network. Try again. If this repeats, ask the supplier.",
		"name-missing": "Choose a network, or enter its name.",
		"name-too-long": "This name is too long for a network. Check it and try again.",
		"password-length": "A Wi-Fi password has 8 to 63 characters. Check it and try again.",
		outdated: "This page was outdated. Enter the network again.",
	}),
});

export const chinese: PageParts = Object.freeze({
	head: "<!doctype html><html lang=zh-Hans><meta charset=utf-8><meta name=viewport content='width=device-width,initial-scale=1'><title>将设备连接到 Wi-Fi</title>",
	title: "<main><h1>将设备连接到 Wi-Fi</h1><p>",
	form: "<fieldset><legend>您的网络</legend>",
	open: " (开放)",
	unsupported: " (不支持企业网络)",
	other:
		"><label for=o> 其他网络或隐藏网络</label><div><label class=l for=s>网络名称</label><input id=s name=o maxlength=32 autocapitalize=none autocomplete=off autocorrect=off spellcheck=false value=",
	rest: "></div></fieldset><label class=l for=p>密码</label><input id=p name=p type=password maxlength=64 aria-describedby=h autocapitalize=none autocomplete=off autocorrect=off spellcheck=false><label class=n hidden><input id=v type=checkbox> 显示密码</label><p id=h>开放网络请留空。设备需要 2.4 GHz 和 WPA2 的 Wi-Fi。</p><button>连接</button></form>",
	joining:
		"<p id=j role=status>正在连接,最多需要半分钟。请让手机保持连接设备自己的 Wi-Fi。如果此页面消失,请重新连接该 Wi-Fi 查看结果。</p>",
	done: "<p role=status>已连接。设备将重新启动并使用您的网络。您可以关闭此页面。</p>",
	problems: Object.freeze({
		"wrong-password": "网络拒绝了密码。请检查大小写,然后重试。",
		"not-found": "找不到该网络。请检查名称和 2.4 GHz 频段,或将设备移近路由器。",
		"no-address": "网络没有给设备分配地址。请重启路由器,然后重试。",
		refused: "网络拒绝了设备。请检查路由器:WPA2、地址过滤、设备数量。",
		"not-stored": "设备无法保存网络。请重试。如果再次出现,请联系供应商。",
		"name-missing": "请选择一个网络,或输入其名称。",
		"name-too-long": "网络名称过长。请检查后重试。",
		"password-length": "Wi-Fi 密码为 8 到 63 个字符。请检查后重试。",
		outdated: "页面已过期。请重新输入网络。",
	}),
});
