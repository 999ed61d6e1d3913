// Stands between kedge and a real node, and does to its answers what the world does: nothing comes, it comes late, it is not true.
import http from 'node:http';
import https from 'node:https';

export class RpcProxy {
  // delay_ms: before each answer. way: 'open', 'refuse' (connections are closed), 'hang' (nothing comes back).
  // lie(method, result, params): what is answered in place of the result.
  constructor(target) { Object.assign(this, { target, way: 'open', delay_ms: 0, lie: undefined, asked: 0, held: new Set() }); }

  // tls: { key, cert } to stand behind TLS.
  static async start(at_end, target, tls) {
    const proxy = new RpcProxy(target);
    const answer = (request, response) => proxy.answer(request, response).catch(() => response.destroy());
    proxy.server = tls ? https.createServer(tls, answer) : http.createServer(answer);
    await new Promise((done) => proxy.server.listen(0, '127.0.0.1', done));
    proxy.url = `${tls ? 'https' : 'http'}://127.0.0.1:${proxy.server.address().port}`;
    at_end(() => {
      for (const response of proxy.held) response.destroy();
      proxy.server.closeAllConnections();
      return new Promise((done) => proxy.server.close(done));
    });
    return proxy;
  }

  async answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    this.asked += 1;
    if (this.way === 'refuse') return request.socket.destroy();
    if (this.way === 'hang') return this.held.add(response);
    if (this.delay_ms > 0) await new Promise((done) => setTimeout(done, this.delay_ms));
    const body = Buffer.concat(chunks).toString();
    const answer = await fetch(this.target, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const message = await answer.json();
    const { method, params } = JSON.parse(body);
    if (this.lie && message.result !== undefined) message.result = this.lie(method, message.result, params);
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(message));
  }
}
