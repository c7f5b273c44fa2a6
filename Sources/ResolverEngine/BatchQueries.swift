import AnswerCache
import DNSWire
import DomainTrie
import Sockets

/// The queries of a batch, read before the first one is answered, so that memory fetches what the answers need for all of
/// them at once.
///
/// The answer to a query waits for memory three or four times if the lists and the cache are large: a slot of the trie and
/// its label, a slot of the cache's index and the answer there. One after the other that is a quarter of a microsecond.
@safe final class BatchQueries {
    private let queries: UnsafeMutablePointer<ReadQuery>

    struct ReadQuery {
        var outcome = QueryOutcome.ignored
        var qname = DomainName()
        var cacheSearch: AnswerCache.Search?
        var trieSearch: DomainTrie.Search?
    }

    init() {
        unsafe queries = .allocate(capacity: DatagramBatch.capacity)
        unsafe queries.initialize(repeating: ReadQuery(), count: DatagramBatch.capacity)
    }

    deinit { unsafe queries.deallocate() }

    /// What a slot's datagram asks, as `read` has found it.
    subscript(slot: Int) -> ReadQuery {
        unsafeAddress {
            precondition(slot >= 0 && slot < DatagramBatch.capacity)
            return unsafe UnsafePointer(queries + slot)
        }
    }

    /// Reads the first `count` datagrams. One that is not whole is ignored.
    func read(_ batch: DatagramBatch, count: Int, trie: DomainTrie?, cache: AnswerCache) {
        precondition(count <= DatagramBatch.capacity)
        for slot in 0..<count {
            let query = unsafe queries + slot
            guard let octets = batch.receivedOctets(slot) else {
                unsafe query.pointee.outcome = .ignored
                continue
            }
            unsafe query.pointee.outcome = QueryOutcome.read(
                batch.payload(slot).span.extracting(0..<octets), qname: &query.pointee.qname)
        }
        // For one or two there is nothing to gain.
        if count > 2 { prefetch(count, trie, cache) }
    }

    private func prefetch(_ count: Int, _ trie: DomainTrie?, _ cache: AnswerCache) {
        for slot in 0..<count {
            let query = unsafe queries + slot
            guard case .accepted(let asked) = unsafe query.pointee.outcome else { continue }
            unsafe query.pointee.cacheSearch = cache.prefetch(query.pointee.qname, qtype: asked.qtype)
            unsafe query.pointee.trieSearch = trie?.prefetch(query.pointee.qname)
        }
        for slot in 0..<count {
            let query = unsafe queries + slot
            guard case .accepted = unsafe query.pointee.outcome else { continue }
            if let search = unsafe query.pointee.cacheSearch { cache.prefetchAnswer(search) }
            if let search = unsafe query.pointee.trieSearch { trie?.prefetchMore(search) }
        }
    }
}
