// Reads a QR code with the camera beside a typed field, which stays for whoever has no camera or
// refuses it. The camera is asked for on the tap alone and stopped on success, on leaving, and
// after a minute. Nothing of its picture leaves the browser.
const LIMIT = 60_000;
const PAUSE = 120; // between two looks at the picture
const PICTURE = { facingMode: "environment", width: { ideal: 640 }, height: { ideal: 480 } };

// The browser's own reader, or the vendored one of the same interface.
async function reader(own = globalThis.BarcodeDetector) {
  const formats = own ? await own.getSupportedFormats() : [];
  const chosen = formats.includes("qr_code") ? own : (await import("../vendor/qr.js")).BarcodeDetector;
  return new chosen({ formats: ["qr_code"] });
}

// What a code may be: each answers whether it took the text. No address that a code names is opened.
const TAKES = {
  number(text, field) {
    if (!/^[0-9A-Z]{4}(-?[0-9A-Z]{4}){3}$/i.test(text)) return false;
    field.value = text;
    const next = [...field.form.elements].find((one) => one.required && !one.value);
    if (next) next.focus();
    else field.form.querySelector("button:not([type=button])").click();
    return true;
  },
  payment(text) {
    const [, id] = /^https?:\/\/[^/?#]+\/pay\/([0-9a-f-]{36})$/.exec(text) ?? [];
    if (id) location.assign(`/pay/${id}`);
    return Boolean(id);
  },
};

class Scan {
  constructor(box) {
    this.field = document.getElementById(box.dataset.scan);
    this.take = TAKES[box.dataset.takes];
    this.words = box.dataset;
    this.video = box.querySelector("video");
    this.start = box.querySelector("[data-start]");
    this.stop = box.querySelector("[data-stop]");
    this.says = box.querySelector("[role=status]");
    this.turn = 0; // of which tap the camera is; another or none ends what still runs
    this.start.hidden = false;
    this.start.addEventListener("click", () => this.open());
    this.stop.addEventListener("click", () => this.close("", true));
    addEventListener("pagehide", () => this.close(""));
    document.addEventListener("visibilitychange", () => document.hidden && this.close(""));
  }

  async open() {
    const turn = ++this.turn;
    this.show(true, this.words.allow);
    this.stop.focus();
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ video: PICTURE });
      if (turn !== this.turn) return release(stream);
      this.video.srcObject = stream;
      this.limit = setTimeout(() => this.close(this.words.over, true), LIMIT);
      await this.video.play();
      this.says.textContent = this.words.aim;
      await this.look(turn);
    } catch (error) {
      if (turn !== this.turn) return;
      this.close(error.name === "NotAllowedError" ? this.words.refused : this.words.none, true);
    }
  }

  async look(turn) {
    let detector = await reader();
    while (turn === this.turn) {
      const own = globalThis.BarcodeDetector && detector instanceof globalThis.BarcodeDetector;
      const seen = await detector.detect(this.video).catch((error) => {
        if (!own) throw error;
      });
      if (turn !== this.turn) return;
      if (!seen) detector = await reader(null); // a browser that promised to read and can't
      for (const { rawValue } of seen ?? []) if (this.took(rawValue)) return;
      await new Promise((done) => setTimeout(done, PAUSE));
    }
  }

  took(text) {
    const taken = this.take(text.trim(), this.field);
    if (taken) this.close(this.words.read);
    else this.says.textContent = this.words.other;
    return taken;
  }

  close(words, back = false) {
    const open = !this.stop.hidden;
    this.turn += 1;
    clearTimeout(this.limit);
    release(this.video.srcObject);
    this.video.srcObject = null;
    this.show(false, words);
    if (open && back) this.field.focus();
  }

  show(open, words) {
    this.start.hidden = open;
    this.stop.hidden = this.video.hidden = !open;
    this.says.textContent = words;
  }
}

function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

if (navigator.mediaDevices?.getUserMedia) {
  for (const box of document.querySelectorAll("[data-scan]")) new Scan(box);
}
