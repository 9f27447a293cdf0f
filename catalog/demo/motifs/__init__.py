"""Every motif by name: how to draw each thing the shop sells."""

from catalog.demo.motifs import garden, home, kitchen, living, outdoors, paper, play, table, wear
from catalog.demo.motifs.brush import Motif

MOTIFS: dict[str, Motif] = {
    **kitchen.MOTIFS,
    **table.MOTIFS,
    **home.MOTIFS,
    **living.MOTIFS,
    **garden.MOTIFS,
    **outdoors.MOTIFS,
    **paper.MOTIFS,
    **wear.MOTIFS,
    **play.MOTIFS,
}
