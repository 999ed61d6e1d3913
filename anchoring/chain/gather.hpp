// How many callers the next group of the audit log waits for.
#pragma once

#include <cstddef>

namespace chain {

// Callers that wait for their answers ask again when they have them, so how many wait at once is a fair guess of how many will. A group
// that holds half of them leaves the other half to the IO threads meanwhile: both have work, and the disk has the fewest syncs that this
// allows. Few callers gain nothing by waiting for each other (16 lost a tenth), so for them a group goes at once. Not thread-safe.
class Gather {
  public:
    static constexpr std::size_t kFewest = 12;  // for a group of fewer nobody waits
    static constexpr std::size_t kMost = 48;    // a larger one spares the disk nothing more

    // 1: the next group goes at once.
    std::size_t wanted() const;
    // A group of `callers` is durable, and `behind` came while it was written.
    void went(std::size_t callers, std::size_t behind);
    // LogOptions::longest_gather is over, and `callers` is all that came.
    void gave_up(std::size_t callers) { at_once_ = static_cast<double>(callers); }

  private:
    double at_once_ = 0;  // callers in the log at one time: the most of late, slowly forgotten
};

}  // namespace chain
