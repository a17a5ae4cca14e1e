"""Passages written for these tests and good pairs about them; none stands in recipes/."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """A question with its right answer, and the spans to spoil: (right, wrong)."""

    question: str
    answer: str
    number: tuple[str, str] | None = None
    name: tuple[str, str] | None = None


PUMP = """\
The Marlow feed pump is a three-stage centrifugal pump that supplies water to the boiler at a \
constant pressure. It was introduced in 1964 by Halden Engineering. The pump delivers 480 litres \
per minute at a pressure of 16 bar. A brass strainer protects the first stage because sand \
grains wear down the impeller within weeks. If the inlet pressure falls below 0.4 bar, the \
controller stops the motor and opens the bypass valve. The bearings require grease every 900 \
hours. The shaft seal consists of a carbon ring and a ceramic seat. Halden Engineering replaced \
the cast iron casing with stainless steel in 1978. The motor does not start while the bypass \
valve is open.
"""

LICHEN = """\
Lichens are composite organisms that arise from a partnership between a fungus and an alga. The \
fungus forms the body of the lichen and absorbs water from the air. The alga produces sugars by \
photosynthesis. Rock lichens grow about 2 millimetres per year. Because they lack roots, lichens \
take minerals from rain and dust.

The Swiss botanist Simon Schwendener described the dual nature of lichens in 1867. Many \
naturalists rejected his theory for decades. Reindeer eat lichens in winter. Lichens die in \
polluted air because sulphur dioxide damages the alga. Litmus is a dye that chemists obtain from \
certain lichens. The oldest known lichens live in Greenland. Map lichens do not grow on \
limestone.
"""

CANAL = """\
The Verin Canal links the river Aspe with the harbour of Tolmar. Duke Osric of Tolmar ordered \
its construction in 1731, and the engineer Livia Brandt designed the locks. About 3,200 \
labourers dug the channel in eleven years. The canal opened on 4 May 1742. It has 27 locks and a \
length of 88 kilometres. Barges carried salt and timber to Tolmar. The toll house at Pell burned \
down in 1799. After the railway reached Tolmar in 1861, traffic on the canal declined. The last \
cargo barge left Pell in 1934. Volunteers from Tolmar restored nine locks between 1988 and 1996. \
The canal was never used by passenger steamers.
"""

LEASE = """\
The Tenancy Act of Norland applies to every lease of a dwelling that lasts longer than six \
months. A landlord must return the deposit within 30 days after the tenant leaves. The deposit \
may not exceed three monthly rents. A tenant may end the lease with a notice of two months. The \
Housing Court in Brask decides disputes about rent. The Act was amended in 2009 because many \
landlords kept deposits without a reason. A landlord who enters the dwelling without notice pays \
a fine of 500 crowns. The Act does not apply to hotels. Parliament passed the Act in 1987.
"""

ISLAND = """\
Marit Solheim rowed to the island of Skarv before dawn. The keeper of the lighthouse, an old man \
named Tobias Ruud, waited on the pier with a lantern. He had lived on the island for 41 years. \
Marit carried a sack of flour and three letters. Tobias opened the first letter and sat down on \
a barrel. His brother Anton had sold the farm at Lunde. A storm broke over Skarv at noon. The \
waves destroyed the boat. Tobias lit the lamp at four. Marit did not return to the mainland \
until Sunday.
"""

PASSAGES = {"pump": PUMP, "lichen": LICHEN, "canal": CANAL, "lease": LEASE, "island": ISLAND}

GOOD: dict[str, tuple[Pair, ...]] = {
    "pump": (
        Pair(
            "When was the Marlow feed pump introduced?",
            "It was introduced in 1964.",
            ("1964", "1971"),
        ),
        Pair(
            "Who introduced the Marlow feed pump?",
            "Halden Engineering introduced it in 1964.",
            ("1964", "1978"),
            ("Halden Engineering", "Vickers Marine"),
        ),
        Pair(
            "How much water does the Marlow feed pump deliver?",
            "The pump delivers 480 litres per minute.",
            ("480", "640"),
        ),
        Pair(
            "At what pressure does the pump deliver water?",
            "It delivers water at a pressure of 16 bar.",
            ("16", "61"),
        ),
        Pair(
            "Why is there a strainer before the first stage?",
            "A brass strainer protects it because sand grains wear down the impeller.",
        ),
        Pair(
            "What happens when the inlet pressure drops below 0.4 bar?",
            "The controller stops the motor and opens the bypass valve.",
        ),
        Pair(
            "How often do the bearings need grease?",
            "They need grease every 900 hours.",
            ("900", "90"),
        ),
        Pair(
            "What is the shaft seal made of?",
            "The shaft seal consists of a carbon ring and a ceramic seat.",
        ),
        Pair(
            "Which material replaced the cast iron casing in 1978?",
            "Halden Engineering replaced the cast iron casing with stainless steel.",
            None,
            ("Halden Engineering", "Marlow Engineering"),
        ),
        Pair(
            "What prevents the motor from starting?",
            "The motor does not start while the bypass valve is open.",
        ),
    ),
    "lichen": (
        Pair(
            "What is a lichen?",
            "A lichen is a composite organism that arises from a partnership between a fungus "
            "and an alga.",
        ),
        Pair("Which partner produces sugars?", "The alga produces sugars by photosynthesis."),
        Pair(
            "How fast do rock lichens grow?", "They grow about 2 millimetres per year.", ("2", "20")
        ),
        Pair(
            "Who described the dual nature of lichens?",
            "Simon Schwendener, a Swiss botanist, described it in 1867.",
            ("1867", "1876"),
            ("Simon Schwendener", "Carl Linnaeus"),
        ),
        Pair(
            "When was the dual nature of lichens described?",
            "It was described in 1867 by Schwendener.",
            ("1867", "1901"),
            ("Schwendener", "Haeckel"),
        ),
        Pair(
            "Why do lichens die in polluted air?",
            "They die because sulphur dioxide damages the alga.",
        ),
        Pair(
            "Where do the oldest known lichens live?",
            "The oldest known lichens live in Greenland.",
            None,
            ("Greenland", "Siberia"),
        ),
        Pair("What do reindeer eat in winter?", "Reindeer eat lichens in winter."),
        Pair("What is litmus?", "Litmus is a dye obtained from certain lichens."),
        Pair("Do map lichens grow on limestone?", "No, map lichens do not grow on limestone."),
    ),
    "canal": (
        Pair(
            "What does the Verin Canal link?",
            "The Verin Canal links the river Aspe with the harbour of Tolmar.",
            None,
            ("Aspe", "Marn"),
        ),
        Pair(
            "Who ordered the construction of the Verin Canal?",
            "Duke Osric of Tolmar ordered its construction in 1731.",
            ("1731", "1742"),
            ("Duke Osric", "Duke Albrecht"),
        ),
        Pair(
            "Who designed the locks of the Verin Canal?",
            "The engineer Livia Brandt designed the locks.",
            None,
            ("Livia Brandt", "Marta Brandt"),
        ),
        Pair(
            "How many labourers dug the channel?",
            "About 3,200 labourers dug the channel in eleven years.",
            ("3,200", "2,300"),
        ),
        Pair("When did the Verin Canal open?", "The canal opened on 4 May 1742.", ("1742", "1724")),
        Pair(
            "How many locks does the Verin Canal have?",
            "The Verin Canal has 27 locks.",
            ("27", "31"),
        ),
        Pair(
            "How long is the Verin Canal?", "The canal has a length of 88 kilometres.", ("88", "27")
        ),
        Pair(
            "What did barges carry to Tolmar?",
            "Barges carried salt and timber to Tolmar.",
            None,
            ("Tolmar", "Pell"),
        ),
        Pair(
            "When did the last cargo barge leave Pell?",
            "The last cargo barge left Pell in 1934.",
            ("1934", "1943"),
            ("Pell", "Tolmar"),
        ),
        Pair(
            "Was the Verin Canal used by passenger steamers?",
            "No, the canal was never used by passenger steamers.",
        ),
    ),
    "lease": (
        Pair(
            "To which leases does the Tenancy Act of Norland apply?",
            "It applies to every lease of a dwelling that lasts longer than six months.",
            ("six", "nine"),
        ),
        Pair(
            "How soon must a landlord return the deposit?",
            "A landlord must return the deposit within 30 days after the tenant leaves.",
            ("30", "14"),
        ),
        Pair(
            "How high may the deposit be?",
            "The deposit may not exceed three monthly rents.",
            ("three", "five"),
        ),
        Pair(
            "What notice must a tenant give to end the lease?",
            "A tenant may end the lease with a notice of two months.",
            ("two", "four"),
        ),
        Pair(
            "Which court decides disputes about rent in Norland?",
            "The Housing Court in Brask decides disputes about rent.",
            None,
            ("Brask", "Oslo"),
        ),
        Pair(
            "Why was the Tenancy Act amended in 2009?",
            "It was amended because many landlords kept deposits without a reason.",
        ),
        Pair(
            "What fine does a landlord pay for entering without notice?",
            "The landlord pays a fine of 500 crowns.",
            ("500", "5,000"),
        ),
        Pair("Does the Tenancy Act apply to hotels?", "The Act does not apply to hotels."),
        Pair(
            "When did Parliament pass the Tenancy Act?",
            "Parliament passed the Act in 1987.",
            ("1987", "2009"),
            ("Parliament", "Congress"),
        ),
        Pair(
            "When was the Tenancy Act amended?",
            "The Tenancy Act was amended in 2009.",
            ("2009", "1999"),
        ),
    ),
    "island": (
        Pair(
            "Who rowed to the island of Skarv?",
            "Marit Solheim rowed to the island of Skarv before dawn.",
            None,
            ("Marit Solheim", "Ingrid Dahl"),
        ),
        Pair(
            "Who kept the lighthouse on Skarv?",
            "The keeper of the lighthouse was an old man named Tobias Ruud.",
            None,
            ("Tobias Ruud", "Anton Ruud"),
        ),
        Pair(
            "How long had Tobias Ruud lived on the island?",
            "He had lived on the island for 41 years.",
            ("41", "14"),
        ),
        Pair(
            "How many letters did Marit carry?",
            "Marit carried a sack of flour and three letters.",
            ("three", "seven"),
            ("Marit", "Anton"),
        ),
        Pair(
            "What did Tobias do with the first letter?",
            "Tobias opened the first letter and sat down on a barrel.",
            None,
            ("Tobias", "Marit"),
        ),
        Pair(
            "What had Anton sold?", "Anton had sold the farm at Lunde.", None, ("Lunde", "Bergen")
        ),
        Pair(
            "When did a storm break over Skarv?",
            "A storm broke over Skarv at noon.",
            None,
            ("Skarv", "Lunde"),
        ),
        Pair("What did the waves destroy?", "The waves destroyed the boat."),
        Pair(
            "When did Tobias light the lamp?",
            "Tobias lit the lamp at four.",
            ("four", "nine"),
            ("Tobias", "Anton"),
        ),
        Pair(
            "Until when did Marit stay away from the mainland?",
            "Marit did not return to the mainland until Sunday.",
            None,
            ("Sunday", "Friday"),
        ),
    ),
}

# Questions that the passage does not answer, each with an answer that sounds like one.
UNANSWERABLE: dict[str, tuple[tuple[str, str], ...]] = {
    "pump": (
        ("How much does the Marlow feed pump cost?", "The Marlow feed pump costs 7,200 pounds."),
        ("Which colour is the pump's casing painted?", "The casing is painted dark green."),
    ),
    "lichen": (
        ("Which lichens are used in perfume?", "Oakmoss lichens are used in perfume."),
        ("How many species of lichen exist?", "About 20,000 species of lichen exist."),
    ),
    "canal": (
        ("How deep is the Verin Canal?", "The Verin Canal is two metres deep."),
        (
            "What did the construction of the Verin Canal cost?",
            "The construction cost the duke half of his fortune.",
        ),
    ),
    "lease": (
        (
            "Who pays for repairs of the dwelling?",
            "The landlord pays for all repairs of the dwelling.",
        ),
        ("May a tenant keep pets?", "A tenant may keep one dog with the landlord's consent."),
    ),
    "island": (
        ("What was the name of Marit's mother?", "Marit's mother was named Sigrid."),
        ("Why did Anton leave Norway?", "Anton left Norway to work on a whaling ship."),
    ),
}
