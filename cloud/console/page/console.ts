/** The console of the local cloud. */

import { h, render } from "preact";
import { App } from "./app.js";
import { live } from "./live.js";

live.open();
render(h(App, {}), document.getElementById("console") as HTMLElement);
