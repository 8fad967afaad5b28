import { findSdk, noSdk } from "@dynreg/cli/internal/sdk/moddable";
import test from "ava";
import { smoke } from "./smoke.js";

if (findSdk() === undefined) test.skip(`sim: skipped, ${noSdk}`, () => {});
else smoke({ name: "sim", patience: 20, options: ["--host", "sim"] });
