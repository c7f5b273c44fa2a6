"use strict";

/** Signs requests with SigV4 (service route53resolver). The key lives in this object and nowhere else. */
class RequestSigner {
  #id;
  #secret;
  #region;

  /** Browsers lend their cryptography only to pages that nobody on the way can have changed. */
  static get isAble() {
    return globalThis.isSecureContext && Boolean(globalThis.crypto?.subtle);
  }

  constructor(id, secret, region) {
    this.#id = id;
    this.#secret = secret;
    this.#region = region;
  }

  /** The parameters of a URL in the one form that is signed: sorted, everything but RFC 3986's unreserved escaped. */
  static query(parameters) {
    const escape = (text) =>
      encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
    const pairs = parameters.map(([name, value]) => [escape(name), escape(value)]);
    const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    pairs.sort((a, b) => order(a[0], b[0]) || order(a[1], b[1]));
    return pairs.map((pair) => pair.join("=")).join("&");
  }

  /** The headers to send with a request that has no body but `body`. */
  async headers(method, path, query, body) {
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = [time.slice(0, 8), this.#region, "route53resolver", "aws4_request"];
    const signed = { host: location.host, "x-amz-content-sha256": await RequestSigner.#hash(body), "x-amz-date": time };
    const names = Object.keys(signed).join(";");
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`).join("");
    const canonical = [method, path, query, lines, names, signed["x-amz-content-sha256"]].join("\n");
    const text = ["AWS4-HMAC-SHA256", time, scope.join("/"), await RequestSigner.#hash(canonical)].join("\n");
    const signature = RequestSigner.#hexadecimal(await RequestSigner.#mac(await this.#key(scope), text));
    delete signed.host; // the browser sends it
    const credential = `Credential=${this.#id}/${scope.join("/")}, SignedHeaders=${names}, Signature=${signature}`;
    return { ...signed, authorization: `AWS4-HMAC-SHA256 ${credential}` };
  }

  async #key(scope) {
    let key = new TextEncoder().encode("AWS4" + this.#secret);
    for (const part of scope) key = await RequestSigner.#mac(key, part);
    return key;
  }

  static async #mac(octets, text) {
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", octets, algorithm, false, ["sign"]);
    return crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  }

  static async #hash(text) {
    return RequestSigner.#hexadecimal(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  }

  static #hexadecimal(octets) {
    return Array.from(new Uint8Array(octets), (octet) => octet.toString(16).padStart(2, "0")).join("");
  }
}
