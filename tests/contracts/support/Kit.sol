// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// What every suite here needs: the cheatcodes, assertions that say what was wrong, and the committed bytecode.
abstract contract Kit {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    function check(bool condition, string memory what) internal pure {
        if (!condition) revert(what);
    }

    function same(uint256 is_, uint256 wanted, string memory what) internal pure {
        if (is_ != wanted) revert(string.concat(what, ": ", vm.toString(is_), ", wanted ", vm.toString(wanted)));
    }

    function same(bytes32 is_, bytes32 wanted, string memory what) internal pure {
        if (is_ != wanted) revert(string.concat(what, ": ", vm.toString(is_), ", wanted ", vm.toString(wanted)));
    }

    function same(address is_, address wanted, string memory what) internal pure {
        if (is_ != wanted) revert(string.concat(what, ": ", vm.toString(is_), ", wanted ", vm.toString(wanted)));
    }

    function same(bytes memory is_, bytes memory wanted, string memory what) internal pure {
        same(keccak256(is_), keccak256(wanted), what);
    }

    /// `x` brought into [low, high].
    function within(uint256 x, uint256 low, uint256 high) internal pure returns (uint256) {
        uint256 span = high - low;
        return span == type(uint256).max ? x : low + x % (span + 1);
    }

    /// Deploys what `kedge contracts deploy` deploys: the bytecode in anchoring/contract/NAME.json.
    function deploy(string memory name) internal returns (address at) {
        bytes memory code = vm.parseJsonBytes(vm.readFile(string.concat("anchoring/contract/", name, ".json")), ".bytecode");
        assembly {
            at := create(0, add(code, 0x20), mload(code))
        }
        check(at != address(0), "the committed bytecode does not deploy");
    }
}
