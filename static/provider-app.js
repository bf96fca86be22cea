"use strict";
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/answer/worker.js", { scope: "/answer" });
