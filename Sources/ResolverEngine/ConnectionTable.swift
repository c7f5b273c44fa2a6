import Sockets

/// The TCP connections of a worker's clients.
struct ConnectionTable {
    private(set) var all: [FramedConnection] = []
    private var places: [ObjectIdentifier: Int] = [:]

    var count: Int { all.count }
    var isEmpty: Bool { all.isEmpty }

    mutating func insert(_ connection: FramedConnection) {
        places[ObjectIdentifier(connection)] = all.count
        all.append(connection)
    }

    mutating func remove(_ connection: FramedConnection) {
        guard let place = places.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        let last = all.removeLast()
        guard last !== connection else { return }
        all[place] = last
        places[ObjectIdentifier(last)] = place
    }

    /// A connection that has been quiet for long and owes nobody an answer: the quietest of a few, so that whoever opens
    /// many pays no more for it than others. Nil where every one of those is at work.
    func quietest(of sample: Int = 16) -> FramedConnection? {
        guard !isEmpty else { return nil }
        var quietest: FramedConnection?
        for _ in 0..<sample {
            let connection = all[.random(in: all.indices)]
            guard connection.messagesInProgress == 0 else { continue }
            if quietest.map({ connection.lastProgress < $0.lastProgress }) ?? true { quietest = connection }
        }
        return quietest
    }
}
