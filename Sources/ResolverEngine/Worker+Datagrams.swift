import DNSWire
import FirewallPolicy
import QueryLog
import Sockets

extension Worker {
    /// Answers what has arrived on a UDP socket, batch by batch.
    func drain(_ descriptor: CInt, listener index: Int) {
        let batch = listeners[index].incoming
        for _ in 0..<WorkerLimits.batchesPerTurn {
            guard case .received(let count) = batch.receive(from: descriptor), count > 0 else { break }
            let state = publisher.state()
            let now = (monotonic: loop.now, unix: Clock.unixNanoseconds())
            batchQueries.read(batch, count: count, trie: state.policy.largeTrie, cache: cache)
            for slot in 0..<count { answer(slot, of: batch, listener: index, state: state, now: now) }
            if batch.outgoingCount > 0 { counters.unsent += UInt64(batch.flush(to: descriptor)) }
            if count < DatagramBatch.capacity { break }
        }
    }

    private func answer(
        _ slot: Int, of batch: DatagramBatch, listener: Int, state: ServingState, now: (monotonic: UInt64, unix: UInt64)
    ) {
        guard let client = batch.peer(slot), client.port != 0 else {
            counters.ignored += 1
            return
        }
        let arrival = Arrival(
            client: client, transport: .udp, transportLimit: WireLimit.udpOctets, monotonicNanoseconds: now.monotonic,
            unixNanoseconds: now.unix)
        let read = batchQueries[slot]
        let outcome = unsafe answer(read.outcome, read.qname, in: batch.payload(slot), arrival: arrival, state: state) {
            .datagram(listener: listener, batch.returnPath(slot))
        }
        if case .answered(let octets) = outcome { batch.reply(slot, octets: octets) }
    }
}
